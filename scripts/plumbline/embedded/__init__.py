"""An OOI server on loopback that speaks the real protocol and travels with the workflow."""

# The one account that the embedded server knows. It opens nothing else.
USERNAME = "OOIAPI-EMBEDDED"
TOKEN = "embedded-server-only"
EMAIL = "user@example.org"
