package pve

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// metricOf maps the names of Proxmox VE's values, which differ between nodes, guests and storages.
var metricOf = map[string]Metric{
	"cpu": MetricCPU, "maxcpu": MetricCPUs, "iowait": MetricIOWait, "loadavg": MetricLoad,
	"memused": MetricMemoryUsed, "memtotal": MetricMemoryTotal, "mem": MetricMemoryUsed, "maxmem": MetricMemoryTotal,
	"memavailable": MetricMemoryFree, "memhost": MetricMemoryOnHost, "swapused": MetricSwapUsed, "swaptotal": MetricSwapTotal,
	"rootused": MetricDiskUsed, "roottotal": MetricDiskTotal, "disk": MetricDiskUsed, "maxdisk": MetricDiskTotal, "used": MetricDiskUsed, "total": MetricDiskTotal,
	"diskread": MetricDiskRead, "diskwrite": MetricDiskWrite, "netin": MetricNetIn, "netout": MetricNetOut,
	"pressurecpusome": MetricCPUSome, "pressurecpufull": MetricCPUFull, "pressureiosome": MetricIOSome, "pressureiofull": MetricIOFull,
	"pressurememorysome": MetricMemorySome, "pressurememoryfull": MetricMemoryFull,
}

// A historyRow is a row of rrddata: a moment and what was measured up to it. Values that were not are missing or null.
type historyRow struct {
	at     int64 // seconds of Unix time, 0: none
	values map[Metric]float64
}

// UnmarshalJSON implements [json.Unmarshaler]. What is no finite number was not measured.
func (row *historyRow) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*row = historyRow{values: make(map[Metric]float64, len(fields))}
	for name, raw := range fields {
		f, err := strconv.ParseFloat(string(bytes.Trim(raw, `"`)), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		if metric, known := metricOf[name]; known {
			row.values[metric] = rounded(f)
		} else if name == "time" {
			row.at = int64(f)
		}
	}
	return nil
}

// rounded keeps six significant digits, which is more than an average of samples means; it halves the size of a history.
func rounded(f float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 6, 64), 64)
	if err != nil {
		return f // what was formatted parses
	}
	return r
}

// seriesOf puts rows into a series. Proxmox VE sends one row a step, in order of time; a row that is missing all the same is a gap
// like one without values.
func seriesOf(rows []historyRow) (Series, error) {
	rows = slices.DeleteFunc(rows, func(row historyRow) bool { return row.at <= 0 })
	slices.SortStableFunc(rows, func(a, b historyRow) int { return cmp.Compare(a.at, b.at) })
	rows = slices.CompactFunc(rows, func(a, b historyRow) bool { return a.at == b.at })
	if len(rows) == 0 {
		return Series{}, nil
	}
	var step int64
	for i := range rows[1:] {
		if d := rows[i+1].at - rows[i].at; step == 0 || d < step {
			step = d
		}
	}
	first := rows[0].at
	s := Series{Start: time.Unix(first, 0).UTC(), StepSeconds: step, Points: 1, Values: map[Metric][]Run{}}
	if step > 0 {
		s.Points = int((rows[len(rows)-1].at-first)/step) + 1
	}
	if s.Points > maxPoints {
		return Series{}, fmt.Errorf("%w: rows %d s apart over %d steps", ErrAnswer, step, s.Points)
	}
	for _, row := range rows {
		point := 0
		if step > 0 {
			point = int((row.at - first) / step)
		}
		for metric, value := range row.values {
			s.put(metric, point, value)
		}
	}
	return s, nil
}

// put adds a value behind those that are there.
func (s *Series) put(m Metric, point int, value float64) {
	runs := s.Values[m]
	last := len(runs) - 1
	switch {
	case last >= 0 && runs[last].From+len(runs[last].Values) > point: // a second row in one step
	case last >= 0 && runs[last].From+len(runs[last].Values) == point:
		runs[last].Values = append(runs[last].Values, value)
	default:
		s.Values[m] = append(runs, Run{From: point, Values: []float64{value}})
	}
}

// without drops metrics that mean nothing for a thing.
func (s Series) without(metrics ...Metric) Series {
	maps.DeleteFunc(s.Values, func(m Metric, _ []Run) bool { return slices.Contains(metrics, m) })
	return s
}

// only is the series with those metrics alone.
func (s Series) only(metrics []Metric) Series {
	maps.DeleteFunc(s.Values, func(m Metric, _ []Run) bool { return !slices.Contains(metrics, m) })
	return s
}
