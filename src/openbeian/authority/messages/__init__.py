"""The documents of the interface: typed records, the grammar that carries them, strict writer and tolerant reader."""
