package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"proviso.dev/pkg/packing"
	measure "proviso.dev/test/packing"
)

type options struct {
	folder, set    string
	seconds        float64
	sample, offset int
	seed           uint64
	greedy         bool
	processor      bool
	command        string
	verbose        bool
}

func run(o options) error {
	cases, err := measure.Load(o.folder, o.set)
	if err != nil {
		return err
	}
	if o.greedy {
		o.seconds = 0
	}
	solve := solveHere
	if o.command != "" {
		solve = solveByCommand
	}
	var outcomes []measure.Outcome
	for i := o.offset; i < len(cases); i += max(o.sample, 1) {
		in, err := packing.ReadInstance(bytes.NewReader(cases[i].Text))
		if err != nil {
			return fmt.Errorf("%s: %w", cases[i].Name, err)
		}
		result, took, err := solve(cases[i], o)
		if err == nil {
			err = packing.Verify(in, result.Packing)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", cases[i].Name, err)
		}
		out := measure.Outcome{Case: cases[i], Bins: len(result.Packing), LowerBound: result.LowerBound, Took: took}
		if o.verbose && out.Optimum > 0 && out.Bins > out.Optimum {
			fmt.Printf("  %s: %d bins, optimum %d, bound %d, %v\n", out.Name, out.Bins, out.Optimum, out.LowerBound, out.Took.Round(time.Millisecond))
		}
		outcomes = append(outcomes, out)
	}
	clock := ""
	if o.processor {
		clock = " of processor time"
	}
	fmt.Printf("%s, %g s%s\n", o.set, o.seconds, clock)
	measure.Print(os.Stdout, outcomes)
	return nil
}

// solveHere measures the package: reading and packing, or packing alone where it is greedy.
func solveHere(c measure.Case, o options) (packing.Result, time.Duration, error) {
	now := sinceStart
	if o.processor {
		now = processorTime
	}
	begin := now()
	in, err := packing.ReadInstance(bytes.NewReader(c.Text))
	if err != nil {
		return packing.Result{}, 0, err
	}
	if o.seconds == 0 {
		begin = now()
		p := packing.Greedy(in)
		return packing.Result{Packing: p}, now() - begin, nil
	}
	r := packing.Search(context.Background(), in, packing.Options{
		Seed: o.seed, Budget: func(int) float64 { return (now() - begin).Seconds() / o.seconds },
	})
	return r, now() - begin, nil
}

var start = time.Now()

func sinceStart() time.Duration { return time.Since(start) }

// processorTime is what this process has used, the collector of its garbage included.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return sinceStart()
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// solveByCommand measures what a caller of the command line waits for.
func solveByCommand(c measure.Case, o options) (packing.Result, time.Duration, error) {
	folder, err := os.MkdirTemp("", "packing")
	if err != nil {
		return packing.Result{}, 0, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, c.Name+".vbp")
	if err := os.WriteFile(file, c.Text, 0o600); err != nil {
		return packing.Result{}, 0, err
	}
	command := exec.Command(o.command, "place", "--vbp", file, "--json",
		"--seconds", strconv.FormatFloat(o.seconds, 'g', -1, 64), "--seed", strconv.FormatUint(o.seed, 10))
	command.Stderr = os.Stderr
	begin := time.Now()
	printed, err := command.Output()
	took := time.Since(begin)
	if err != nil {
		return packing.Result{}, 0, err
	}
	var said struct {
		Bins       packing.Packing `json:"bins"`
		LowerBound int             `json:"lower_bound"`
	}
	err = json.Unmarshal(printed, &said)
	return packing.Result{Packing: said.Bins, LowerBound: said.LowerBound}, took, err
}
