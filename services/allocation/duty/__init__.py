"""Day and night: who is on duty now, what lies with whom, and the signed morning handover."""
