# Plumbline and all that it needs, pinned by hashes. docs/deployment.md tells how it is built and used, and what of it
# was tried.
FROM python:3.11-slim-bookworm

# wget downloads from OOI, over https; jobs in a cloud are sent the files that git knows.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git wget \
    && rm -rf /var/lib/apt/lists/*

COPY requirements-run.lock /opt/plumbline/
# In Python's own place: there jobs of a cloud find `python` and `pip`, and Snakemake for both.
RUN pip install --no-cache-dir --require-hashes --requirement /opt/plumbline/requirements-run.lock

# What .dockerignore lets pass.
COPY . /opt/plumbline/
RUN python -m compileall -q /opt/plumbline/scripts \
    && printf '#!/bin/sh\nexec snakemake --snakefile /opt/plumbline/Snakefile "$@"\n' > /usr/local/bin/plumbline \
    && chmod 755 /usr/local/bin/plumbline \
    && useradd --create-home --uid 1000 plumbline \
    && install --directory --owner plumbline /work \
    && chmod 1777 /home/plumbline /work

# Whoever it is run as (`--user`): Snakemake and matplotlib keep there what they have found, and ask for a name.
ENV HOME=/home/plumbline
ENV USER=plumbline
# 0 where machines mount a folder of root's own to work in, as Google Batch does.
ARG UID=1000
USER ${UID}
WORKDIR /work

# No entry point: AWS Batch would start it with a job's command as its words.
CMD ["plumbline", "--cores", "all"]
