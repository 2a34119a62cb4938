package allinone

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	collector "proviso.dev/services/collector/unit"
)

// newCollector makes the collector of the cluster that the environment names or, when it names none, of a twin of the thesis's
// laboratory that lives as long as ctx. Whether an endpoint answers is not asked here: a run says so, in the requester's
// language.
func newCollector(ctx context.Context, lookup func(string) (string, bool)) (*collector.Unit, error) {
	if text, _ := lookup("PROVISO_PVE_INSECURE"); text != "" {
		if _, err := strconv.ParseBool(text); err != nil {
			return nil, &ConfigError{Key: "pve_insecure", Err: err}
		}
	}
	cfg, err := collector.LoadConfig(lookup)
	if err != nil {
		return nil, unitError(err)
	}
	if cfg.Endpoint == "" {
		if err := useTwin(ctx, &cfg); err != nil {
			return nil, err
		}
	}
	if cfg.Token == "" {
		return nil, &ConfigError{Key: "pve_token"}
	}
	unit, err := collector.New(cfg)
	switch {
	case errors.Is(err, pve.ErrEndpoint):
		return nil, &ConfigError{Key: "pve_endpoint", Err: err}
	case errors.Is(err, pve.ErrToken):
		return nil, &ConfigError{Key: "pve_token_form", Err: err}
	case errors.Is(err, pve.ErrCA):
		return nil, &ConfigError{Key: "pve_ca", Err: err}
	case err != nil:
		return nil, unitError(err)
	}
	return unit, nil
}

// useTwin starts the laboratory in the state where scenario 4 of the thesis begins, and points the collector at it.
func useTwin(ctx context.Context, cfg *collector.Config) error {
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		return fmt.Errorf("seed twin: %w", err)
	}
	lab, err := twin.New(seed, twin.Options{})
	if err != nil {
		return fmt.Errorf("make twin: %w", err)
	}
	server, err := twin.Serve(ctx, lab)
	if err != nil {
		return err
	}
	cfg.Endpoint, cfg.Token = server.URL(), server.TokenID()+"="+server.TokenSecret()
	cfg.CAPEM, cfg.Insecure, cfg.Twin = server.CAPEM(), false, true
	return nil
}
