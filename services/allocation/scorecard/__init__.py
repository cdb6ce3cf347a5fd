"""The partnership's scorecard: measures with written definitions, and the lists inspectors ask for."""
