"""What nobody else may read is taken out of records: accounts, e-mail addresses, folders of accounts.

OOI lays the results of an order into a folder named after the account's e-mail address, or after the account, so
that every URL of a result names it.
"""

import re
from typing import Any

ACCOUNT_FOLDER = "account-folder-removed"
REMOVED = "removed"

EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.IGNORECASE)
# The user name of an API account, and its token: TEMP-TOKEN-..., or letters and digits behind OOIAPI-.
API_ACCOUNT = re.compile(r"(?:OOIAPI|TEMP-TOKEN)-[A-Za-z0-9]+")
USER_IN_URL = re.compile(r"(?<=://)[^/@\s]+@")
# The first folder below async_results/, and the one below ooi/ in THREDDS.
RESULT_FOLDER = re.compile(r"(/async_results/|/thredds/[A-Za-z]+/ooi/)([^/\s\"']+)")


def scrubbed(value: Any) -> Any:
    """Return plain values (of JSON) without anything that tells whose account it was."""
    if isinstance(value, dict):
        return {scrubbed(key): scrubbed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [scrubbed(item) for item in value]
    return _scrubbed_text(value) if isinstance(value, str) else value


def _scrubbed_text(text: str) -> str:
    text = RESULT_FOLDER.sub(rf"\1{ACCOUNT_FOLDER}", text)
    text = USER_IN_URL.sub("", text)
    return API_ACCOUNT.sub(REMOVED, EMAIL.sub(REMOVED, text))
