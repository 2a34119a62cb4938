package backtest

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/forecast"
)

// Step is the resolution that Proxmox VE keeps for 30 days, and that forecasts are scored at.
const Step = 30 * time.Minute

// cpuFiles are the series of NAB's folder that are scored.
const cpuFiles = "*_cpu_utilization_*.csv.gz"

// LoadNAB reads the CPU series of a folder of the Numenta Anomaly Benchmark; all says to read the others, too.
func LoadNAB(folder string, all bool) ([]Named, error) {
	pattern := cpuFiles
	if all {
		pattern = "*.csv.gz"
	}
	files, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no series in %s: %w", folder, os.ErrNotExist)
	}
	var set []Named
	for _, file := range files {
		samples, err := readPacked(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		series, err := forecast.Resample(samples, Step)
		if err != nil {
			return nil, fmt.Errorf("resample %s: %w", file, err)
		}
		set = append(set, Named{Name: strings.TrimSuffix(filepath.Base(file), ".csv.gz"), Series: series})
	}
	return set, nil
}

// LoadBitbrains reads the virtual machines of cpu_5min.csv.gz.
func LoadBitbrains(file string) ([]Named, error) {
	samples := map[string][]forecast.Sample{}
	err := eachRow(file, func(row map[string]string) error {
		when, err := strconv.ParseInt(row["timestamp"], 10, 64)
		if err != nil {
			return err
		}
		value, err := strconv.ParseFloat(row["cpu_usage"], 64)
		samples[row["id"]] = append(samples[row["id"]], forecast.Sample{Time: time.UnixMilli(when), Value: value})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var set []Named
	for name, list := range samples {
		series, err := forecast.Resample(list, Step)
		if err != nil {
			return nil, fmt.Errorf("resample %s: %w", name, err)
		}
		set = append(set, Named{Name: name, Series: series})
	}
	slices.SortFunc(set, func(a, b Named) int { return strings.Compare(a.Name, b.Name) })
	return set, nil
}

// readPacked reads a packed file of times and values.
func readPacked(file string) ([]forecast.Sample, error) {
	r, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return forecast.ReadCSV(z)
}

// eachRow calls f with every row of a packed file, by the names of its header.
func eachRow(file string, f func(map[string]string) error) (err error) {
	r, err := os.Open(filepath.Clean(file))
	if err != nil {
		return err
	}
	defer r.Close()
	z, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	rows := csv.NewReader(z)
	rows.ReuseRecord = true
	header, err := rows.Read()
	if err != nil {
		return err
	}
	header = slices.Clone(header)
	row := map[string]string{}
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, name := range header {
			row[name] = record[i]
		}
		if err := f(row); err != nil {
			line, _ := rows.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
