package forecast

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// MaxSamples bounds what is read of a file: 38 years of 5-minute values.
const MaxSamples = 4_000_000

// RowError says which row of a file cannot be used, and why. Errors.Is tells the reasons apart: [ErrTime], [ErrValue],
// [ErrNotFinite], [ErrColumns], [ErrTooLong].
type RowError struct {
	Line int    // from 1
	Text string // what stands there
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %q: %v", e.Line, e.Text, e.Err) }

// Unwrap is the reason.
func (e *RowError) Unwrap() error { return e.Err }

// ReadCSV reads rows of time and value. A first row that holds neither is taken for a header. Times are RFC 3339, or
// "2006-01-02 15:04:05" in UTC, or seconds or milliseconds since 1970. Empty lines are skipped.
func ReadCSV(r io.Reader) ([]Sample, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, err
		}
	}
	rows := csv.NewReader(buffered)
	rows.FieldsPerRecord = -1
	rows.ReuseRecord = true
	rows.TrimLeadingSpace = true
	var samples []Sample
	for first := true; ; first = false {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return samples, nil
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, &RowError{Line: broken.Line, Err: ErrColumns}
		}
		if err != nil {
			return nil, err
		}
		line, _ := rows.FieldPos(0)
		sample, text, err := parseRow(record)
		switch {
		case err == nil && len(samples) == MaxSamples:
			return nil, &RowError{Line: line, Text: text, Err: ErrTooLong}
		case err == nil:
			samples = append(samples, sample)
		case !first || !isHeader(record):
			return nil, &RowError{Line: line, Text: text, Err: err}
		}
	}
}

// isHeader says that a row names columns: two words, no time, no number.
func isHeader(record []string) bool {
	if len(record) != 2 {
		return false
	}
	_, isTime := parseTime(record[0])
	_, err := strconv.ParseFloat(strings.TrimSpace(record[1]), 64)
	return !isTime && err != nil && strings.TrimSpace(record[0]) != "" && strings.TrimSpace(record[1]) != ""
}

// parseRow reads one row; on an error, text is the field at fault.
func parseRow(record []string) (s Sample, text string, err error) {
	if len(record) != 2 {
		return Sample{}, strings.Join(record, ","), ErrColumns
	}
	when, ok := parseTime(record[0])
	if !ok {
		return Sample{}, record[0], ErrTime
	}
	text = strings.TrimSpace(record[1])
	value, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (math.IsNaN(value) || math.IsInf(value, 0)):
		return Sample{}, text, ErrNotFinite
	case err != nil:
		return Sample{}, text, ErrValue
	}
	return Sample{Time: when, Value: value}, text, nil
}

// timeLayouts are tried in turn; what names no zone is UTC.
var timeLayouts = [...]string{time.DateTime, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04", time.DateOnly}

// latestSeconds is the year 5138: what is larger counts milliseconds.
const latestSeconds = 1e11

func parseTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		switch {
		case math.IsNaN(number) || math.Abs(number) >= latestSeconds*1000:
			return time.Time{}, false
		case math.Abs(number) >= latestSeconds:
			return time.UnixMilli(int64(number)).UTC(), true
		}
		return time.UnixMilli(int64(math.Round(number * 1000))).UTC(), true
	}
	for _, layout := range timeLayouts {
		if when, err := time.Parse(layout, text); err == nil {
			return when.UTC(), true
		}
	}
	return time.Time{}, false
}
