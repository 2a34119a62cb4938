package placement

import (
	"errors"
	"fmt"
	"strconv"
)

// LoadPolicy reads an operator's policy: PROVISO_VCPU_OVERCOMMIT, PROVISO_HOST_RESERVE_PERCENT, PROVISO_HOST_RESERVE_MIB and
// PROVISO_PLACEMENT_WEIGHTS. Who counts by placement reads the same, so that an answer and a plan do. lookup is os.LookupEnv or a test's;
// what is not set is the default. With an error, which names the variables, the policy is zero.
func LoadPolicy(lookup func(string) (string, bool)) (Policy, error) {
	var p Policy
	var errs []error
	number := func(name string, most float64) float64 {
		text, _ := lookup(name)
		if text == "" {
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
	p.VCPUOvercommit = number("PROVISO_VCPU_OVERCOMMIT", 100)
	p.ReserveShare = number("PROVISO_HOST_RESERVE_PERCENT", 90) / 100
	p.ReserveBytes = int64(number("PROVISO_HOST_RESERVE_MIB", 1<<30)) << 20
	if text, _ := lookup("PROVISO_PLACEMENT_WEIGHTS"); text != "" {
		var err error
		if p.Weights, err = parseWeights(text); err != nil {
			errs = append(errs, fmt.Errorf("PROVISO_PLACEMENT_WEIGHTS: %w", err))
		}
	}
	if len(errs) > 0 {
		return Policy{}, errors.Join(errs...)
	}
	return p, nil
}
