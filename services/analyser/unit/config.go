package analyser

import (
	"errors"
	"fmt"
	"strconv"

	"proviso.dev/pkg/placement"
	"proviso.dev/services/analyser/internal/reservation"
)

// Config is the operator's policy. The zero value is the default.
type Config struct {
	// IDPolicy is PROVISO_VM_ID_POLICY: "above-highest" takes the highest id in use or promised plus one, "lowest-free" fills
	// gaps from 100 on. Empty: above-highest.
	IDPolicy string
	// VCPUOvercommit is PROVISO_VCPU_OVERCOMMIT: vCPUs of running guests that one thread may carry. 0: 4.
	VCPUOvercommit float64
	// HostReservePercent is PROVISO_HOST_RESERVE_PERCENT: the part of a node's memory that the host keeps. 0: 5.
	HostReservePercent float64
	// HostReserveMiB is PROVISO_HOST_RESERVE_MIB: the least that the host keeps, whatever the percentage says. 0: 2048.
	HostReserveMiB int64
	// Weights is PROVISO_PLACEMENT_WEIGHTS: what counts how much when several nodes could take a guest, as placement.ParseWeights reads
	// it. The zero value: placement.DefaultWeights.
	Weights placement.Weights
	// Concurrency is PROVISO_ANALYSER_CONCURRENCY: pieces of work at the same time. 0: 8, since most of a step is waiting for
	// the disk of the message bus.
	Concurrency int
}

const defaultConcurrency = 8

// LoadConfig reads and checks the configuration; lookup is os.LookupEnv or a test's. With an error the configuration is zero.
func LoadConfig(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	c.IDPolicy, _ = lookup("PROVISO_VM_ID_POLICY")
	var errs []error
	number := func(name string, most float64) float64 {
		text, ok := lookup(name)
		if !ok || text == "" {
			return 0
		}
		value, err := strconv.ParseFloat(text, 64)
		if err == nil && !(value > 0 && value <= most) {
			err = fmt.Errorf("%s is not above 0 and at most %g", text, most)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return value
	}
	c.VCPUOvercommit = number("PROVISO_VCPU_OVERCOMMIT", 100)
	c.HostReservePercent = number("PROVISO_HOST_RESERVE_PERCENT", 90)
	c.HostReserveMiB = int64(number("PROVISO_HOST_RESERVE_MIB", 1<<30))
	c.Concurrency = int(number("PROVISO_ANALYSER_CONCURRENCY", 1024))
	if text, ok := lookup("PROVISO_PLACEMENT_WEIGHTS"); ok && text != "" {
		var err error
		if c.Weights, err = placement.ParseWeights(text); err != nil {
			errs = append(errs, fmt.Errorf("PROVISO_PLACEMENT_WEIGHTS: %w", err))
		}
	}
	if _, err := reservation.ParsePolicy(c.IDPolicy); err != nil {
		errs = append(errs, fmt.Errorf("PROVISO_VM_ID_POLICY: %w", err))
	}
	if len(errs) > 0 {
		return Config{}, fmt.Errorf("configuration: %w", errors.Join(errs...))
	}
	return c, nil
}

func (c Config) placement() placement.Policy {
	return placement.Policy{
		VCPUOvercommit: c.VCPUOvercommit,
		ReserveShare:   c.HostReservePercent / 100,
		ReserveBytes:   c.HostReserveMiB << 20,
		Weights:        c.Weights,
	}
}
