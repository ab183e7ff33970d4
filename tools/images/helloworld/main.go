// Command helloworld is the lab's stand-in for Istio's HelloWorld sample: one path, one line, version and instance.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	version, instance := os.Getenv("SERVICE_VERSION"), os.Getenv("HOSTNAME")
	http.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "Hello version: %s, instance: %s\n", version, instance)
	})
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "Helloworld is healthy")
	})
	log.Fatal(http.ListenAndServe(":5000", nil))
}
