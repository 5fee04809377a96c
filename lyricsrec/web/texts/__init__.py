"""Texts that clients send, which are untrusted: lyrics to time, and corrected transcripts.

`lyrics` and `edit` read them in a child process with limits (see `web.limited`); `api`, `intake` and `work` import from
here. One more kind of text is one module with a function for the server and a main function for the child.
"""
