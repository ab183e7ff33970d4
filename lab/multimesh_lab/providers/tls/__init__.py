"""The tls provider of the lab: real keys and certificates, made by the library `cryptography`."""
