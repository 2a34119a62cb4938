package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/packing"
)

type placeFlags struct {
	JSON bool `name:"json" help:"${help_json}"`
	// VBP names a file in the .vbp format; "-" is standard input.
	VBP     string  `name:"vbp" placeholder:"FILE" help:"${help_place_vbp}"`
	Seconds float64 `name:"seconds" default:"1" help:"${help_place_seconds}"`
	Seed    uint64  `name:"seed" default:"1" help:"${help_place_seed}"`
}

const (
	// maxSeconds is the longest search that is worth waiting for.
	maxSeconds = 3600
	// answerTime is kept back from the search for printing, and for being woken late on a busy machine: the last tenth of a
	// second seldom gains a bin, and a late answer may be worth nothing. Short searches keep back a quarter.
	answerTime = 80 * time.Millisecond
)

// placeReport is what scripts get; the names are part of the interface.
type placeReport struct {
	Bins       packing.Packing `json:"bins"`
	LowerBound int             `json:"lower_bound"`
}

// runPlace packs an instance of vector bin packing. It starts no system. The seconds count from the start of the process, so
// that they are what the caller waits.
func runPlace(ctx context.Context, p Process, flags placeFlags) error {
	allowed := time.Duration(flags.Seconds * float64(time.Second))
	deadline := processStart().Add(allowed - min(answerTime, allowed/4))
	switch {
	case flags.VBP == "":
		return &usageError{key: "cli.usage.place_vbp"}
	case math.IsNaN(flags.Seconds) || flags.Seconds < 0 || flags.Seconds > maxSeconds:
		return &usageError{key: "cli.usage.place_seconds"}
	}
	in, err := readInstance(p, flags.VBP)
	if err != nil {
		return err
	}
	options := packing.Options{Seed: flags.Seed}
	if flags.Seconds > 0 {
		options.Budget = until(time.Now(), deadline)
	}
	result := packing.Search(ctx, in, options)
	if err := packing.Verify(in, result.Packing); err != nil {
		return err
	}
	if flags.JSON {
		return json.NewEncoder(p.Stdout).Encode(placeReport{Bins: result.Packing, LowerBound: result.LowerBound})
	}
	fmt.Fprintln(p.Stdout, i18n.T(p.language(), "cli.place.packed", "items", in.Items(), "bins", len(result.Packing), "bound", result.LowerBound))
	return nil
}

// until is the budget of the time from begin to deadline.
func until(begin, deadline time.Time) packing.Budget {
	whole := float64(deadline.Sub(begin))
	return func(int) float64 {
		if whole <= 0 {
			return 1
		}
		return float64(time.Since(begin)) / whole
	}
}

func readInstance(p Process, name string) (*packing.Instance, error) {
	source := p.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		source = f
	}
	return instanceFrom(source, name, p.language())
}

// instanceFrom words what is wrong with a file.
func instanceFrom(r io.Reader, name, lang string) (*packing.Instance, error) {
	if name == "-" {
		name = i18n.T(lang, "cli.vbp.stdin")
	}
	in, err := packing.ReadInstance(r)
	var format *packing.FormatError
	if !errors.As(err, &format) {
		return in, err
	}
	for reason, key := range vbpReasons {
		if errors.Is(format, reason) {
			said := i18n.T(lang, key, "word", format.Word, "dimensions", packing.MaxDimensions, "items", packing.MaxItems)
			return nil, &refusal{code: "instance", key: "cli.vbp.wrong", args: []any{"file", name, "line", format.Line, "reason", said}}
		}
	}
	return nil, err
}

// vbpReasons are the sentences for what ReadInstance finds wrong.
var vbpReasons = map[error]string{
	packing.ErrTooLarge:  "cli.vbp.too_large",
	packing.ErrNegative:  "cli.vbp.negative",
	packing.ErrTruncated: "cli.vbp.truncated",
	packing.ErrOverlong:  "cli.vbp.overlong",
	packing.ErrNumber:    "cli.vbp.number",
	packing.ErrLimit:     "cli.vbp.limit",
}
