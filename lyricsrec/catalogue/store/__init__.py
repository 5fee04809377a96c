"""What a catalogue keeps on a disk that many processes on many machines may share.

`heartbeat` shows which processes live, `claims` give each song to one of them, `ledger` records what happened, `folder`
says where all of it lies. No file has two writers, nothing is locked, and clocks of machines are not compared.
"""
