"""What the API answers with status 400."""


class ApiError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def client_error(message: str) -> ApiError:
    return ApiError("ClientException", message)


def invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
