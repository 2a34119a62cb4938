package forecast

import "time"

// Explanation is why a forecast is what it is.
type Explanation struct {
	Measured int    // values of the history that were measured
	Filled   int    // gaps that were filled
	Cold     Cold   // why the history is too short for a forecast of its own; empty: it is not
	Season   Season // what repeats
	Trend    Trend
	Shift    *Shift   // the last lasting change of level; nil: none was found
	Members  []Member // what the forecast was combined of, the heaviest first
	// Error is by how much the median missed when the last days were replayed, NaiveError by how much repeating the day before
	// would have, in units of the series.
	Error, NaiveError float64
	// Replays is of how many values these errors are the means; 0: there was too little to replay.
	Replays int
	// Width is the mean distance of the highest from the lowest quantile.
	Width float64
}

// Cold is why a history is too short.
type Cold string

// The reasons, from the least history to the most.
const (
	ColdEmpty  Cold = "empty"  // nothing was measured; a prior of like series stands in
	ColdPoints Cold = "points" // a few values, less than a season
	ColdSeason Cold = "season" // less than three seasons: what repeats cannot be told from chance
)

// Season is what repeats.
type Season struct {
	Steps int // its length
	// Strength is the share of the variance of ranks that a repeating profile explains beyond chance, 0 to 1; 0 of less than three.
	Strength float64
	// Weekly is what a profile of the week explains beyond that; 0 of less than three weeks.
	Weekly float64
}

// Trend is a change that lasts, measured robustly over the history.
type Trend struct {
	PerDay    float64 // units a day, the middle estimate
	Low, High float64 // the same, 5 % and 95 %
	Direction Direction
}

// Direction is where a trend leads.
type Direction string

// A slope that chance may have made, at odds of 1 to 1,000, is steady; that of a few days is unknown.
const (
	Unknown Direction = "unknown"
	Steady  Direction = "steady"
	Rising  Direction = "rising"
	Falling Direction = "falling"
)

// Shift is a lasting change of level.
type Shift struct {
	Time     time.Time // of the first value on the new level
	From, To float64   // medians before and after
}

// Member is one method of a combination.
type Member struct {
	Name   string  // a stable word such as "last-day"
	Weight float64 // its share, the shares add up to 1
}
