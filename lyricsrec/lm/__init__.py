"""Language models of n-grams: counted, estimated and written for KenLM."""
