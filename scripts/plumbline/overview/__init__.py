"""What is there and what is to come: the tables of `snakemake status` and `snakemake plan`."""
