"""Servers, workers and a browser for tests of the web page."""
