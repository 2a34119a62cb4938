package analyser

import (
	"errors"
	"fmt"
	"strconv"

	"proviso.dev/pkg/llm"
	"proviso.dev/pkg/placement"

	"proviso.dev/services/analyser/internal/reservation"
)

// Config is the operator's policy. The zero value is the default.
type Config struct {
	// IDPolicy is PROVISO_VM_ID_POLICY: "above-highest" takes the highest id in use or promised plus one, "lowest-free" fills
	// gaps from 100 on. Empty: above-highest.
	IDPolicy string
	// Policy says how full nodes may become and what counts how much when several could take a guest, as placement.LoadPolicy reads it.
	// The zero value is the default.
	Policy placement.Policy
	// Concurrency is PROVISO_ANALYSER_CONCURRENCY: pieces of work at the same time. 0: 8, since most of a step is waiting for
	// the disk of the message bus.
	Concurrency int
	// LLM says which language models are asked what the parts of an application are, where rules do not know; PROVISO_LLM and its
	// companions, as package llm reads them. A step asks once at most, whatever the limits allow. Zero: none, rules alone.
	LLM llm.Config
}

const (
	defaultConcurrency = 8
	concurrencyMost    = 1024
)

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	c.IDPolicy, _ = lookup("PROVISO_VM_ID_POLICY")
	var errs []error
	if text, _ := lookup("PROVISO_ANALYSER_CONCURRENCY"); text != "" {
		n, err := strconv.Atoi(text)
		if err == nil && (n < 1 || n > concurrencyMost) {
			err = fmt.Errorf("%s is not 1 to %d", text, concurrencyMost)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("PROVISO_ANALYSER_CONCURRENCY: %w", err))
		}
		c.Concurrency = n
	}
	var err error
	if c.Policy, err = placement.LoadPolicy(lookup); err != nil {
		errs = append(errs, err)
	}
	if c.LLM, err = llm.LoadConfig(lookup); err != nil {
		errs = append(errs, err)
	}
	if _, err := reservation.ParsePolicy(c.IDPolicy); err != nil {
		errs = append(errs, fmt.Errorf("PROVISO_VM_ID_POLICY: %w", err))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}
