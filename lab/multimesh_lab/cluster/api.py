"""The Kubernetes API of one cluster, as much of it as the lab itself needs.

Owns: authenticated JSON requests. Does not own: any object.
"""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, cast

from multimesh_lab.cluster.facts import ClusterFacts
from multimesh_lab.cluster.users import ADMIN, token_of

Json = dict[str, Any]
_MANAGER = "multimesh-lab"


class ApiError(Exception):
    """The API server refused a request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"the API server answered {status}: {message}")
        self.status = status


class Api:
    """Requests by one user of the cluster. An unreachable server is an OSError."""

    def __init__(self, facts: ClusterFacts, user: str = ADMIN) -> None:
        self._endpoint = facts.endpoint
        self._context = ssl.create_default_context(cadata=facts.ca_pem)
        self._token = token_of(facts, user)

    def get(self, path: str) -> Json:
        return cast(Json, json.loads(self._request("GET", path)))

    def text(self, path: str) -> str:
        return self._request("GET", path).decode()

    def apply(self, path: str, manifest: Json) -> None:
        """Server-side apply, which makes or changes the object at the path."""
        query = f"?fieldManager={_MANAGER}&force=true"
        self._request("PATCH", path + query, manifest, "application/apply-patch+yaml")

    def merge(self, path: str, change: Json) -> None:
        self._request("PATCH", path, change, "application/merge-patch+json")

    def delete(self, path: str) -> None:
        """Safe to repeat."""
        try:
            self._request("DELETE", path)
        except ApiError as fault:
            if fault.status != 404:
                raise

    def watch(self, path: str, version: str, seconds: int) -> Iterator[Json]:
        """Events after the given resource version, for so many seconds."""
        query = f"?watch=1&resourceVersion={version}&timeoutSeconds={seconds}"
        with self._open("GET", path + query, None, "", seconds + 10) as answer:
            for line in answer:
                yield cast(Json, json.loads(line))

    def _request(self, method: str, path: str, body: Json | None = None, media_type: str = "") -> bytes:
        with self._open(method, path, body, media_type, 20) as answer:
            return cast(bytes, answer.read())

    def _open(self, method: str, path: str, body: Json | None, media_type: str, seconds: float) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._endpoint + path, data=data, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        if media_type:
            request.add_header("Content-Type", media_type)
        # The lab's addresses are never behind a proxy of the user's.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._context)
        )
        try:
            return opener.open(request, timeout=seconds)
        except urllib.error.HTTPError as fault:
            with fault:
                raise ApiError(fault.code, _message(fault.read())) from None


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()
