-- What a pool is for; null where nobody said so by hand.
ALTER TABLE pool ADD COLUMN description TEXT;
