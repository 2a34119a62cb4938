package pve

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// A Timeframe is one of the spans that Proxmox VE keeps averages of. Release 8 keeps about 70 of each, release 9 many more and
// finer ones; see Series.Step for the distance.
type Timeframe string

// The timeframes. A decade exists for nodes of release 9 only.
const (
	TimeframeHour   Timeframe = "hour"
	TimeframeDay    Timeframe = "day"
	TimeframeWeek   Timeframe = "week"
	TimeframeMonth  Timeframe = "month"
	TimeframeYear   Timeframe = "year"
	TimeframeDecade Timeframe = "decade"
)

// A Metric is one figure over time.
type Metric string

// The metrics. Usage is a fraction of what there is, 0 to 1; rates are per second; pressure is the percentage of time, 0 to 100, in
// which some or all tasks waited for a resource.
const (
	MetricCPU          Metric = "cpu"             // fraction of the threads or vCPUs in use
	MetricCPUs         Metric = "cpus"            // threads or vCPUs that there are
	MetricIOWait       Metric = "iowait"          // fraction of time, nodes only
	MetricLoad         Metric = "load"            // load average, nodes only
	MetricMemoryUsed   Metric = "memory_used"     // bytes
	MetricMemoryTotal  Metric = "memory_total"    // bytes
	MetricMemoryFree   Metric = "memory_free"     // bytes that can be had without swapping, nodes of release 9
	MetricMemoryOnHost Metric = "memory_host"     // bytes that a machine costs its node, release 9
	MetricSwapUsed     Metric = "swap_used"       // bytes, nodes only
	MetricSwapTotal    Metric = "swap_total"      // bytes, nodes only
	MetricDiskUsed     Metric = "disk_used"       // bytes: of a node's root, of a container, of a storage; a machine's is not known
	MetricDiskTotal    Metric = "disk_total"      // bytes
	MetricDiskRead     Metric = "disk_read"       // bytes per second, guests only
	MetricDiskWrite    Metric = "disk_write"      // bytes per second, guests only
	MetricNetIn        Metric = "net_in"          // bytes per second
	MetricNetOut       Metric = "net_out"         // bytes per second
	MetricCPUSome      Metric = "psi_cpu_some"    // percent of time, release 9, as all that follow
	MetricCPUFull      Metric = "psi_cpu_full"    // guests only
	MetricIOSome       Metric = "psi_io_some"     //
	MetricIOFull       Metric = "psi_io_full"     //
	MetricMemorySome   Metric = "psi_memory_some" //
	MetricMemoryFull   Metric = "psi_memory_full" //
)

// A Series is the averages of one node, guest or storage over a span: a value per metric and step, or none where nothing was
// measured. A gap is absent, never zero. The zero value has no points.
type Series struct {
	// Start is the moment of the first point, UTC; a point is the average of the step that ends there.
	Start time.Time `json:"start"`
	// StepSeconds is the distance between points; 0 when there are fewer than two.
	StepSeconds int64 `json:"step_s"`
	// Points is their number, gaps included.
	Points int `json:"points"`
	// Values are the runs without a gap, in order, by metric. A metric without any value is not listed.
	Values map[Metric][]Run `json:"values"`
}

// A Run is values at one step after another. Its JSON form writes a value that does not change once, with the number of times.
type Run struct {
	From   int       // the point of the first value
	Values []float64 // at least one; six significant digits
}

// runJSON is the JSON form of a run.
type runJSON struct {
	From   int       `json:"i"`
	Times  int       `json:"n,omitempty"` // how often the only value stands; 0: once
	Values []float64 `json:"v"`
}

// MarshalJSON implements [json.Marshaler].
func (r Run) MarshalJSON() ([]byte, error) {
	form := runJSON{From: r.From, Values: r.Values}
	if n := len(r.Values); n > 1 && !slices.ContainsFunc(r.Values, func(v float64) bool { return v != r.Values[0] }) {
		form.Times, form.Values = n, r.Values[:1]
	}
	return json.Marshal(form)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *Run) UnmarshalJSON(data []byte) error {
	var form runJSON
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	if form.Times < 0 || form.Times > maxPoints || form.Times > 0 && len(form.Values) != 1 {
		return fmt.Errorf("%d values that stand %d times", len(form.Values), form.Times)
	}
	if form.Times > 1 {
		form.Values = slices.Repeat(form.Values, form.Times)
	}
	*r = Run{From: form.From, Values: form.Values}
	return nil
}

// Step is the distance between points.
func (s Series) Step() time.Duration { return time.Duration(s.StepSeconds) * time.Second }

// Time is the moment of a point.
func (s Series) Time(point int) time.Time { return s.Start.Add(time.Duration(point) * s.Step()) }

// At returns the value of a metric at a point; ok is false in a gap.
func (s Series) At(m Metric, point int) (value float64, ok bool) {
	for _, run := range s.Values[m] {
		if point >= run.From && point < run.From+len(run.Values) {
			return run.Values[point-run.From], true
		}
	}
	return 0, false
}

// Known is the number of points that have a value.
func (s Series) Known(m Metric) int {
	n := 0
	for _, run := range s.Values[m] {
		n += len(run.Values)
	}
	return n
}

// A History is what was measured of parts of one cluster over one timeframe.
type History struct {
	// Cluster is its name as the operator configured it.
	Cluster string `json:"cluster"`
	// TakenAt is the moment at which reading began, UTC.
	TakenAt   time.Time `json:"taken_at"`
	Timeframe Timeframe `json:"timeframe"`

	Nodes    map[string]Series `json:"nodes"`    // by name
	Guests   map[int]Series    `json:"guests"`   // by id
	Storages map[string]Series `json:"storages"` // by "node/storage", see StorageKey
	// Unknown names what was asked for and could not be read, sorted.
	Unknown []UnknownRef `json:"unknown"`
}

// StorageKey is the key of a storage in a history.
func StorageKey(node, storage string) string { return node + "/" + storage }

// Encode returns the history's JSON form. Equal histories give equal bytes.
func (h *History) Encode() ([]byte, error) {
	data, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode history: %w", err)
	}
	return data, nil
}

// DecodeHistory reads what Encode wrote. The error is ErrHistory.
func DecodeHistory(data []byte) (*History, error) {
	h := new(History)
	if err := json.Unmarshal(data, h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHistory, err)
	}
	for _, of := range []struct {
		kind   string
		series []Series
	}{{"node", slices.Collect(maps.Values(h.Nodes))}, {"guest", slices.Collect(maps.Values(h.Guests))}, {"storage", slices.Collect(maps.Values(h.Storages))}} {
		for _, s := range of.series {
			if err := s.check(); err != nil {
				return nil, fmt.Errorf("%w: series of a %s: %w", ErrHistory, of.kind, err)
			}
		}
	}
	return h, nil
}

// maxPoints bounds a series: release 9 keeps 1,440 points at most.
const maxPoints = 2000

// check reports a series whose runs do not lie in order within its points.
func (s Series) check() error {
	if s.Points < 0 || s.Points > maxPoints || s.StepSeconds < 0 {
		return fmt.Errorf("%d points of %d s", s.Points, s.StepSeconds)
	}
	for metric, runs := range s.Values {
		next := 0
		for _, run := range runs {
			if run.From < next || len(run.Values) == 0 || run.From+len(run.Values) > s.Points {
				return fmt.Errorf("%.40s: a run of %d from %d", metric, len(run.Values), run.From)
			}
			next = run.From + len(run.Values)
		}
	}
	return nil
}
