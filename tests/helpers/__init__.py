"""What several tests share: tiny models, made songs and data sets, the command line, servers, a browser."""
