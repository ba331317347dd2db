"""The same meta-directions as other people would compute them."""
