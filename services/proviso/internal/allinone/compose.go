package allinone

import (
	"context"

	"proviso.dev/pkg/agent"
	analyser "proviso.dev/services/analyser/unit"
	builder "proviso.dev/services/builder/unit"
	gateway "proviso.dev/services/gateway/unit"
	manager "proviso.dev/services/manager/unit"
)

// compose makes the units. What they lean on lives as long as ctx.
func compose(ctx context.Context, cfg Config) ([]agent.Unit, error) {
	g, err := gateway.New(cfg.Gateway)
	if err != nil {
		return nil, unitError(err)
	}
	m, err := manager.New(manager.Config{})
	if err != nil {
		return nil, unitError(err)
	}
	c, err := newCollector(ctx, cfg.Lookup)
	if err != nil {
		return nil, err
	}
	a, err := configured(cfg.Lookup, analyser.LoadConfig, analyser.New)
	if err != nil {
		return nil, err
	}
	b, err := configured(cfg.Lookup, builder.LoadConfig, builder.New)
	if err != nil {
		return nil, err
	}
	return []agent.Unit{g, m, c, a, b}, nil
}

// configured makes a unit from its own part of the environment.
func configured[C any, U agent.Unit](lookup func(string) (string, bool), load func(func(string) (string, bool)) (C, error), build func(C) (U, error)) (U, error) {
	var none U
	c, err := load(lookup)
	if err != nil {
		return none, unitError(err)
	}
	u, err := build(c)
	if err != nil {
		return none, unitError(err)
	}
	return u, nil
}

func unitError(err error) error {
	return &ConfigError{Key: "unit", Args: []any{"reason", err.Error()}, Err: err}
}
