"""Who gets in: host names, origins, the access token, and how many connections and requests at a time.

`security` checks every request, `guesses` slows down clients with wrong tokens, `connections` keeps the many
connections of one client from keeping others out. `api` puts them around its routes; nothing here knows what is served.
"""
