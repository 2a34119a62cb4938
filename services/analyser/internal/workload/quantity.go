package workload

import (
	"math"
	"strconv"
	"strings"
)

// suffixes of a Kubernetes quantity, with the thousandths that one of it is. Longer ones are looked for first.
var suffixes = []struct {
	text  string
	milli float64
}{
	{"Ki", 1000 * (1 << 10)}, {"Mi", 1000 * (1 << 20)}, {"Gi", 1000 * (1 << 30)}, {"Ti", 1000 * (1 << 40)}, {"Pi", 1000 * (1 << 50)},
	{"n", 1e-6}, {"u", 1e-3}, {"m", 1}, {"k", 1e6}, {"M", 1e9}, {"G", 1e12}, {"T", 1e15}, {"P", 1e18},
}

// milli reads a Kubernetes quantity as thousandths: "500m" is 500, "2" is 2000, "1Gi" is 1024³ × 1000. What is in use is rounded up
// by Kubernetes itself; a quantity that is none is not ok.
func milli(quantity string) (int64, bool) {
	number, scale := strings.TrimSpace(quantity), 1000.0
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(number, s.text); ok {
			number, scale = rest, s.milli
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64) // also "1e3"
	if err != nil || math.IsNaN(v) || v < 0 || v*scale > math.MaxInt64/2 {
		return 0, false
	}
	return int64(math.Ceil(v * scale)), true
}
