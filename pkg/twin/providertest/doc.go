// Package providertest drives the twin by the real OpenTofu and the real provider. It holds tests only: whether the twin is
// faithful enough is not for the twin to say.
//
// The tests need what `make prover` builds, bin/tofu and bin/plugins under the repository's root, or the path of another
// tofu in PROVISO_TOFU with plugins beside it. Without them they are skipped, and say so.
package providertest
