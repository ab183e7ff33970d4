"""A thin client of an API server: any kind of object by discovery, one request at a time.

Owns: paths, discovery, errors. Does not own: logging in, which the official client's kubeconfig loader does.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml
from kubernetes import config as kubernetes_config  # pyright: ignore[reportMissingTypeStubs]
from kubernetes.config import ConfigException  # pyright: ignore[reportMissingTypeStubs]

JSON, MERGE, JSON_PATCH = "application/json", "application/merge-patch+json", "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
FIELD_MANAGER = "pulumi-kubernetes"
_ATTEMPTS = 3
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0

Object = dict[str, Any]


class ApiError(Exception):
    """The API server refused; `code` is the HTTP status and `reason` Kubernetes' own word for it."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message

    @property
    def is_owned(self) -> bool:
        """Whether another manager owns a field that was to be applied."""
        # The words are those of k8s.io/apimachinery, util/managedfields (NewConflictError).
        return self.reason == "Conflict" and self.message.startswith("Apply failed with")

    @property
    def is_outdated(self) -> bool:
        """Whether somebody else wrote the object in between."""
        return self.reason == "Conflict" and not self.is_owned


class NoSuchKind(Exception):
    """The API server does not serve the kind, or not yet."""


class Unreachable(Exception):
    """No answer at all."""


@dataclass(frozen=True)
class Kind:
    """Where objects of a kind are served."""

    path: str
    """Of the group version: `/api/v1` or `/apis/apps/v1`."""
    plural: str
    namespaced: bool

    def collection(self, namespace: str) -> str:
        return f"{self.path}/namespaces/{namespace}/{self.plural}" if self.namespaced else f"{self.path}/{self.plural}"

    def member(self, namespace: str, name: str) -> str:
        return f"{self.collection(namespace)}/{name}"


def _result(answer: Any) -> Object:
    try:
        result = json.loads(answer.data)
    except ValueError:
        result = {"message": answer.data.decode(errors="replace")}
    if answer.status >= 400:
        raise ApiError(answer.status, result.get("reason", ""), result.get("message", f"HTTP {answer.status}"))
    return result


def _may_be_asked_again(method: str, fault: Exception) -> bool:
    """What changes nothing or was never sent; what has had its time has had it."""
    if isinstance(fault, urllib3.exceptions.NewConnectionError | ConfigException):
        return True
    return method == "GET" and not isinstance(fault, urllib3.exceptions.TimeoutError)


def _pause_wanted(headers: Mapping[str, str]) -> float:
    wanted = headers.get("Retry-After", "")
    return min(float(wanted), _LONGEST_PAUSE_SECONDS) if wanted.isdigit() else _PAUSE_SECONDS


class Api:
    """One API server."""

    def __init__(self, kubeconfig: str) -> None:
        document = yaml.safe_load(kubeconfig)
        if not isinstance(document, dict):
            raise Unreachable("the kubeconfig is no mapping")
        contexts = {entry["name"]: entry["context"] for entry in document["contexts"]}
        current = contexts.get(document["current-context"], {})
        self.namespace: str = current.get("namespace") or "default"
        client: Any = kubernetes_config.new_client_from_config_dict(document)
        client.configuration.retries = False
        self._client = client
        self._pool: Any = client.rest_client.pool_manager
        self._pool.connection_pool_kw["maxsize"] = 32
        self._host: str = client.configuration.host
        self._kinds: dict[str, dict[str, Kind]] = {}
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        params: Mapping[str, str] | None = None,
        seconds: float = 30,
    ) -> Object:
        """The answer as an object; raises `ApiError` or `Unreachable`."""
        url = f"{self._host}{path}" + (f"?{urlencode(params)}" if params else "")
        data = json.dumps(body).encode() if body is not None else None
        for attempt in range(_ATTEMPTS):
            try:
                headers = {"Accept": JSON, "Content-Type": content_type, **self._login()}
                answer = self._pool.request(method, url, headers=headers, body=data, timeout=seconds, retries=False)
            except (urllib3.exceptions.HTTPError, ConfigException) as fault:
                if _may_be_asked_again(method, fault) and attempt + 1 < _ATTEMPTS:
                    time.sleep(_PAUSE_SECONDS)
                    continue
                raise Unreachable(f"{self._host} does not answer: {type(fault).__name__}: {fault}") from fault
            if answer.status == 429 and attempt + 1 < _ATTEMPTS:
                time.sleep(_pause_wanted(answer.headers))
                continue
            return _result(answer)
        raise AssertionError("unreachable: the last attempt either returns or raises")

    def _login(self) -> dict[str, str]:
        """Asked anew each time: a login command's token may have run out."""
        settings = self._client.configuration.auth_settings().values()
        return {setting["key"]: setting["value"] for setting in settings}

    def kind(self, api_version: str, name: str) -> Kind:
        """Where the kind is served; looked up anew when it is not known. Raises `NoSuchKind`."""
        with self._lock:
            known = self._kinds.get(api_version, {})
        if name not in known:
            known = self._discover(api_version)
            with self._lock:
                self._kinds[api_version] = known
        if name not in known:
            raise NoSuchKind(f'no matches for kind "{name}" in version "{api_version}"')
        return known[name]

    def forget(self, api_version: str) -> None:
        """Look the version's kinds up anew the next time: one of them turned out not to be served."""
        with self._lock:
            self._kinds.pop(api_version, None)

    def _discover(self, api_version: str) -> dict[str, Kind]:
        path = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            answer = self.request("GET", path)
        except ApiError as fault:
            if fault.code == 404:
                return {}
            raise
        return {
            entry["kind"]: Kind(path, entry["name"], entry["namespaced"])
            for entry in answer.get("resources", [])
            if "/" not in entry["name"]
        }

    def get(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """The object, or None when there is none."""
        try:
            return self.request("GET", kind.member(namespace, name))
        except ApiError as fault:
            if fault.code == 404:
                return None
            raise

    def version(self) -> Object:
        """The server's version; the cheapest proof that it answers and lets us in."""
        return self.request("GET", "/version", seconds=15)
