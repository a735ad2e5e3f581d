"""An object storage that speaks S3, on this machine and in memory, for as long as standard input is open.

    python tests/bucket.py

Prints its address; ends by itself after half an hour.
"""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager

LIFE_S = 1800
NAME = "plumbline"
# What Snakemake's plugin and boto3 are told; the storage believes anyone.
KEYS = {"access_key": "KEY-OF-A-TEST", "secret_key": "SECRET-OF-A-TEST", "region": "us-east-1"}


@contextmanager
def bucket():
    """Yield a client of a storage with one empty bucket, and its address."""
    import boto3

    with subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        address = process.stdout.readline().strip()
        client = boto3.client(
            "s3",
            endpoint_url=address,
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
            region_name=KEYS["region"],
        )
        client.create_bucket(Bucket=NAME)
        yield client, address
        process.stdin.close()


def objects(client):
    """Return the bytes of all objects by their names."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=NAME)
    names = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
    return {name: client.get_object(Bucket=NAME, Key=name)["Body"].read() for name in names}


def serve():
    """Serve until standard input ends."""
    from moto.server import ThreadedMotoServer

    printed, sys.stdout = sys.stdout, sys.stderr
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", file=printed, flush=True)
    threading.Timer(LIFE_S, os._exit, [1]).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve()
