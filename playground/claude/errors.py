"""Refusals in Anthropic's shape: `{"type": "error", "error": {"type", "message"}, "request_id"}`."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import JSONResponse

from playground.claude.config import SCRIPTED_HEADER

TYPE_OF_STATUS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


class ApiError(Exception):
    """A request the real service would refuse: an HTTP status, words, and a finer `error_code` where one exists."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}


def invalid(message: str) -> ApiError:
    """Return the commonest refusal: 400 `invalid_request_error`."""
    return ApiError(400, message)


def new_request_id() -> str:
    return f"req_scripted_{secrets.token_hex(10)}"


def response_headers(request_id: str) -> dict[str, str]:
    return {"request-id": request_id, SCRIPTED_HEADER: "true"}


def error_body(error: ApiError, request_id: str) -> dict[str, Any]:
    detail: dict[str, Any] = {"type": TYPE_OF_STATUS.get(error.status, "api_error"), "message": error.message}
    if error.code:
        detail["details"] = {"error_code": error.code}
    return {"type": "error", "error": detail, "request_id": request_id}


def error_response(error: ApiError, request_id: str) -> JSONResponse:
    return JSONResponse(
        error_body(error, request_id),
        status_code=error.status,
        headers={**response_headers(request_id), **error.headers},
    )
