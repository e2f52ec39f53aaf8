"""What a client of one measurement does; client.py runs one."""
