"""One mail to very many: compiled once, filled per recipient, signed, sent over pipelined connections."""
