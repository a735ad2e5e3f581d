"""The gold copy of a server, as a client sees it."""

import xml.etree.ElementTree as ElementTree

import requests

NAMESPACE = "{http://www.unidata.ucar.edu/namespaces/thredds/InvCatalog/v1.0}"
PUBLIC = "ooigoldcopy/public"


def root_of(api):
    return api.removesuffix("/api/m2m")


def catalog(api, token=""):
    """Return the answer for a catalog: that of a stream, or the one above."""
    return requests.get(f"{root_of(api)}/thredds/catalog/{PUBLIC}/{token}{token and '/'}catalog.xml", timeout=20)


def datasets(api, token):
    """Return the datasets of a stream's catalog that are files: {name: element}."""
    tree = ElementTree.fromstring(catalog(api, token).text)
    return {one.get("name"): one for one in tree.iter(f"{NAMESPACE}dataset") if one.get("urlPath")}


def file_url(api, token, name):
    return f"{root_of(api)}/thredds/fileServer/{PUBLIC}/{token}/{name}"


def dap_url(api, token, name):
    return f"{root_of(api)}/thredds/dodsC/{PUBLIC}/{token}/{name}"
