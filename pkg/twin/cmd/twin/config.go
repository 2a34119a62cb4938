package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"proviso.dev/pkg/twin"
)

// config is what the command line says.
type config struct {
	seed    twin.Seed
	listen  string
	version string // of Proxmox VE; empty: the seed's
	secret  string // of the token; empty: random
}

func parse(args []string) (config, error) {
	var cfg config
	flags := flag.NewFlagSet("twin", flag.ContinueOnError)
	seed := flags.String("seed", "lab", "`cluster`: lab, generated:NODESxGUESTS, or a JSON file")
	state := flags.String("state", string(twin.S2), "`state` of the laboratory: S0, S1 or S2")
	flags.StringVar(&cfg.listen, "listen", "127.0.0.1:8006", "`address` to listen on")
	flags.StringVar(&cfg.version, "pve", "", "`version` of Proxmox VE instead of the seed's, for example 9.1.1")
	flags.StringVar(&cfg.secret, "secret", "", "`secret` of the token instead of a random one")
	if err := flags.Parse(args); err != nil {
		return config{}, err
	}
	var err error
	cfg.seed, err = seedOf(*seed, twin.State(*state))
	return cfg, err
}

func seedOf(name string, state twin.State) (twin.Seed, error) {
	if name == "lab" {
		return twin.Lab(state)
	}
	if size, ok := strings.CutPrefix(name, "generated:"); ok {
		var nodes, guests int
		if _, err := fmt.Sscanf(size, "%dx%d", &nodes, &guests); err != nil || nodes < 1 || guests < 0 {
			return twin.Seed{}, fmt.Errorf("size of generated cluster %q: want NODESxGUESTS", size)
		}
		return twin.Generated(nodes, guests, 1), nil
	}
	fixture, err := os.ReadFile(name)
	if err != nil {
		return twin.Seed{}, fmt.Errorf("read fixture: %w", err)
	}
	return twin.FromJSON(fixture)
}
