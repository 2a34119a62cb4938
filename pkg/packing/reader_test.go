package packing

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReadInstance(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		want   *Instance
		err    error
		line   int
	}{
		"Plain":          {reason: "the format", text: "2\n10 20\n2\n1 2 1\n3 4 1\n", want: &Instance{Capacity: []int64{10, 20}, Sizes: []int64{1, 2, 3, 4}}},
		"OneLine":        {reason: "any white space separates", text: "1 5\t1\r\n4 1", want: &Instance{Capacity: []int64{5}, Sizes: []int64{4}}},
		"Demand":         {reason: "a type may stand for several items, or for none", text: "1 5 3 4 2 3 0 1 1", want: &Instance{Capacity: []int64{5}, Sizes: []int64{4, 4, 1}}},
		"NoItems":        {reason: "an empty instance is one", text: "1 5 0\n", want: &Instance{Capacity: []int64{5}}},
		"WholeBin":       {reason: "an item may fill a bin", text: "1 5 1 5 1", want: &Instance{Capacity: []int64{5}, Sizes: []int64{5}}},
		"Empty":          {reason: "nothing is no instance", text: "", err: ErrTruncated, line: 1},
		"TooLarge":       {reason: "no packing exists", text: "2\n10 10\n1\n4 11 1\n", err: ErrTooLarge, line: 4},
		"Negative":       {reason: "sizes are not below zero", text: "1\n10\n1\n-4 1\n", err: ErrNegative, line: 4},
		"NegativeDemand": {reason: "nor are demands", text: "1\n10\n1\n4 -1\n", err: ErrNegative, line: 4},
		"Truncated":      {reason: "an item is missing", text: "1\n10\n2\n4 1\n", err: ErrTruncated, line: 5},
		"NoDemand":       {reason: "a demand is missing", text: "1\n10\n1\n4", err: ErrTruncated, line: 4},
		"Overlong":       {reason: "there is more than announced", text: "1\n10\n1\n4 1\n4 1\n", err: ErrOverlong, line: 5},
		"Word":           {reason: "only numbers count", text: "1\n10\none\n", err: ErrNumber, line: 3},
		"Fraction":       {reason: "only whole numbers count", text: "1\n10.5\n", err: ErrNumber, line: 2},
		"Minus":          {reason: "a sign is no number", text: "1\n-\n", err: ErrNumber, line: 2},
		"Plus":           {reason: "nor is the other one wanted", text: "1\n+3\n", err: ErrNumber, line: 2},
		"LongWord":       {reason: "a file of one endless word is not read to its end", text: strings.Repeat("1", 1000), err: ErrNumber, line: 1},
		"NoDimensions":   {reason: "a bin has some dimension", text: "0 0", err: ErrLimit, line: 1},
		"Dimensions":     {reason: "and not too many", text: "65", err: ErrLimit, line: 1},
		"Items":          {reason: "types are bounded before memory is taken", text: "1\n10\n20001\n", err: ErrLimit, line: 3},
		"Demands":        {reason: "and so are items", text: "1\n10\n2\n1 20000\n1 1\n", err: ErrLimit, line: 5},
		"Size":           {reason: "sums must not overflow", text: "1\n1099511627777\n", err: ErrLimit, line: 2},
		"Overflow":       {reason: "more than a machine counts is no number here", text: "1\n9999999999999999999\n", err: ErrNumber, line: 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ReadInstance(strings.NewReader(tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.reason, diff)
			}
			var format *FormatError
			if errors.As(err, &format) != (tt.err != nil) || !errors.Is(err, tt.err) {
				t.Fatalf("%s: want %v, got %v", tt.reason, tt.err, err)
			}
			if format != nil && format.Line != tt.line {
				t.Errorf("line %d, want %d: %v", format.Line, tt.line, err)
			}
		})
	}
}

func TestReadInstanceOfABrokenFile(t *testing.T) {
	broken := errors.New("disk on fire")
	if _, err := ReadInstance(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// Whatever is read is valid, and whatever is valid can be packed.
func FuzzReadInstance(f *testing.F) {
	for _, s := range []string{"2 10 20 2 1 2 1 3 4 1", "1 5 3 4 2 3 0 1 1", "1 5 0", "3 0 1 2 1 0 0 0 9", "", "-1", "1 10 1 11 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := ReadInstance(strings.NewReader(text))
		if err != nil {
			var format *FormatError
			if in != nil || !errors.As(err, &format) || format.Line < 1 {
				t.Fatalf("%v, %v", in, err)
			}
			return
		}
		if err := in.Validate(); err != nil {
			t.Fatal(err)
		}
		if in.Items() > 200 {
			return
		}
		p := Greedy(in)
		if err := Verify(in, p); err != nil || len(p) < LowerBound(in) {
			t.Fatalf("%v, bound %d, %v", p, LowerBound(in), err)
		}
	})
}

func TestVerify(t *testing.T) {
	in := &Instance{Capacity: []int64{10, 10}, Sizes: []int64{5, 1, 5, 1, 1, 9}}
	tests := map[string]struct {
		reason string
		p      Packing
		ok     bool
	}{
		"Right":    {"a packing", Packing{{0, 1}, {2}}, true},
		"Missing":  {"an item is missing", Packing{{0, 1}}, false},
		"Twice":    {"an item is in two bins", Packing{{0, 1}, {2, 1}}, false},
		"Overfull": {"the second dimension is overfull", Packing{{0, 2, 1}}, false},
		"Unknown":  {"there is no such item", Packing{{0, 1}, {2}, {3}}, false},
		"Negative": {"nor such", Packing{{0, 1}, {2}, {-1}}, false},
		"Empty":    {"an empty bin is not used", Packing{{0, 1}, {2}, {}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := Verify(in, tt.p); (err == nil) != tt.ok || err != nil && !errors.Is(err, ErrPacking) {
				t.Errorf("%s: %v", tt.reason, err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		in   Instance
		want error
	}{
		"Right":        {Instance{Capacity: []int64{3}, Sizes: []int64{3, 0}}, nil},
		"NoDimensions": {Instance{}, ErrLimit},
		"Ragged":       {Instance{Capacity: []int64{3, 3}, Sizes: []int64{1}}, ErrLimit},
		"TooLarge":     {Instance{Capacity: []int64{3}, Sizes: []int64{4}}, ErrTooLarge},
		"Negative":     {Instance{Capacity: []int64{3}, Sizes: []int64{-1}}, ErrNegative},
		"Capacity":     {Instance{Capacity: []int64{MaxSize + 1}}, ErrLimit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := tt.in.Validate(); !errors.Is(err, tt.want) {
				t.Errorf("want %v, got %v", tt.want, err)
			}
		})
	}
}
