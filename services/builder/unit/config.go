package builder

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The ways to prove a manifest.
const (
	ProofAuto      = "auto"      // on a twin where the tools are there
	ProofValidated = "validated" // in process only
)

// Config is the operator's choice. The zero value is the default.
type Config struct {
	// Proof is PROVISO_PROOF: "auto" or "validated". Empty: auto.
	Proof string
	// ToolsDir is PROVISO_PROVER_DIR: the directory that holds tofu and plugins. Empty: the first `bin` that has them, from
	// the working directory or the executable upwards.
	ToolsDir string
	// ParallelProofs is PROVISO_PROOFS: proofs on a twin at the same time. 0: 1, since each takes a core and some 300 MiB.
	ParallelProofs int
	// ProofBudget is PROVISO_PROOF_BUDGET, for example "90s": the longest that one proof on a twin may take. 0: 2 minutes.
	ProofBudget time.Duration
	// Concurrency is PROVISO_BUILDER_CONCURRENCY: pieces of work at the same time. 0: 8, since most of a step is waiting for
	// the disk of the message bus or for its turn to prove.
	Concurrency int
}

const defaultConcurrency = 8

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is
// zero.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	c.Proof, _ = lookup("PROVISO_PROOF")
	c.ToolsDir, _ = lookup("PROVISO_PROVER_DIR")
	var errs []error
	number := func(name string) int {
		text, _ := lookup(name)
		if text == "" {
			return 0
		}
		n, err := strconv.Atoi(text)
		if err == nil && (n < 1 || n > 1024) {
			err = fmt.Errorf("%d is not in 1..1024", n)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return n
	}
	c.ParallelProofs = number("PROVISO_PROOFS")
	c.Concurrency = number("PROVISO_BUILDER_CONCURRENCY")
	if text, _ := lookup("PROVISO_PROOF_BUDGET"); text != "" {
		d, err := time.ParseDuration(text)
		if err == nil && d <= 0 {
			err = fmt.Errorf("%s is not positive", text)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("PROVISO_PROOF_BUDGET: %w", err))
		}
		c.ProofBudget = d
	}
	if err := checkProof(c.Proof); err != nil {
		errs = append(errs, fmt.Errorf("PROVISO_PROOF: %w", err))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

func checkProof(proof string) error {
	switch proof {
	case "", ProofAuto, ProofValidated:
		return nil
	}
	return fmt.Errorf("%q is neither %q nor %q", proof, ProofAuto, ProofValidated)
}
