-- Installations that wait are counted whenever another one comes.

CREATE INDEX inbox_installations ON inbox (kind, state) WHERE state = 0 AND kind = 'Installed';
