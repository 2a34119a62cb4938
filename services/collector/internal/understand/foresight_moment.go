package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/services/collector/internal/inquiry"
)

// moment reads a time of the past; named is false when no hour is.
func moment(f speaks) (at inquiry.Moment, named bool) {
	words := strings.Fields(f.flat)
	switch {
	case f.of("yesterday|hier|last evening"):
		at.DaysAgo, at.Known = 1, true
	case f.of("day before yesterday|avant hier"):
		at.DaysAgo, at.Known = 2, true
	}
	at.Night = f.of("last night|this night|tonight|overnight|cette nuit|la nuit derniere|nuit derniere|pendant la nuit|dans la nuit|during the night")
	for i, w := range words {
		hour, minute, ok := clock(words, i, w)
		if !ok {
			continue
		}
		at.Known, at.Exact, at.Hour, at.Minute, at.Night = true, true, hour, minute, false
		return at, true
	}
	switch {
	case f.of("midnight|minuit"):
		at.Known, at.Exact, at.Night = true, true, false
		return at, true
	case f.of("noon|midi|midday"):
		at.Known, at.Exact, at.Hour, at.Night = true, true, 12, false
		return at, true
	}
	at.Known = at.Known || at.Night
	return at, false
}

// clock reads the time of day at one word: "3 a m", "3am", "3h", "3 h 30", "03 00", "at 15", "à 3 heures".
func clock(words []string, i int, w string) (hour, minute int, ok bool) {
	next := func(n int) string {
		if i+n < len(words) {
			return words[i+n]
		}
		return ""
	}
	digits := strings.TrimRight(w, "abcdefghijklmnopqrstuvwxyz")
	suffix := w[len(digits):]
	if at := strings.IndexByte(w, 'h'); at > 0 { // "3h30"
		if m, err := strconv.Atoi(w[at+1:]); err == nil && m < 60 {
			digits, suffix, minute = w[:at], "h", m
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n > 24 || len(digits) > 2 {
		return 0, 0, false
	}
	at := i > 0 && slices.Contains([]string{"at", "around", "about", "a", "vers", "by", "since", "near"}, words[i-1])
	switch {
	case suffix == "am" || suffix == "" && (next(1) == "am" || next(1) == "a" && next(2) == "m"):
		return n % 12, minute, n <= 12
	case suffix == "pm" || suffix == "" && (next(1) == "pm" || next(1) == "p" && next(2) == "m"):
		return n%12 + 12, minute, n <= 12
	case suffix == "h":
		if m, err := strconv.Atoi(next(1)); err == nil && m < 60 && minute == 0 && len(next(1)) == 2 {
			minute = m
		}
	case suffix == "" && (next(1) == "h" || next(1) == "heure" || next(1) == "heures" || next(1) == "o") && next(1) != "":
		if (next(1) == "heures" || next(1) == "heure") && !at || next(2) == "ago" {
			return 0, 0, false // "les 3 heures à venir"
		}
		if m, err := strconv.Atoi(next(2)); err == nil && m < 60 {
			minute = m
		}
		if next(2) == "du" && next(3) == "soir" || next(2) == "de" && next(4) == "midi" {
			n += 12
		}
	case suffix == "" && len(next(1)) == 2 && at: // "at 03:15"
		m, err := strconv.Atoi(next(1))
		if err != nil || m >= 60 {
			return 0, 0, false
		}
		minute = m
		if n < 12 && (next(2) == "pm" || next(2) == "p" && next(3) == "m") {
			n += 12
		}
	case suffix == "" && at && slices.Contains([]string{"", "last", "this", "yesterday", "today", "on", "in", "sur", "hier", "cette", "ce", "du", "utc"}, next(1)):
		if next(1) == "in" && next(3) == "afternoon" {
			n += 12
		}
	default:
		return 0, 0, false
	}
	return n % 24, minute, true
}
