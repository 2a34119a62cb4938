package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestParse(t *testing.T) {
	fixture := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(fixture, []byte(`{"nodes":[{"name":"alone","cpus":4,"memory_bytes":1}],"storages":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		reason string
		args   []string
		nodes  int // 0: an error is wanted
		guests int
	}{
		"Default":   {reason: "the laboratory in its default state", nodes: 4, guests: 9},
		"State":     {reason: "another state of it", args: []string{"--state", "S0"}, nodes: 3, guests: 8},
		"Generated": {reason: "any size", args: []string{"--seed", "generated:6x50"}, nodes: 6, guests: 50},
		"File":      {reason: "a fixture", args: []string{"--seed", fixture}, nodes: 1},
		"NoSize":    {reason: "a size that is none", args: []string{"--seed", "generated:many"}},
		"NoNodes":   {reason: "a cluster without nodes", args: []string{"--seed", "generated:0x5"}},
		"NoState":   {reason: "a state that is not there", args: []string{"--state", "S7"}},
		"NoFile":    {reason: "a file that is not there", args: []string{"--seed", "/nowhere.json"}},
		"NoFlag":    {reason: "a flag that is not there", args: []string{"--nothing"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := parse(tc.args)
			if (err != nil) != (tc.nodes == 0) {
				t.Fatalf("%s: got error %v", tc.reason, err)
			}
			if len(cfg.seed.Nodes) != tc.nodes || len(cfg.seed.Guests) != tc.guests {
				t.Errorf("%s: got %d nodes and %d guests, want %d and %d", tc.reason, len(cfg.seed.Nodes), len(cfg.seed.Guests), tc.nodes, tc.guests)
			}
		})
	}
}
