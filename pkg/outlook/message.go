package outlook

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/forecast"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// pointsMost is the contract's bound.
const pointsMost = 2048

// Message writes an outlook in the contract's form, explained in "en" or "fr".
func (o *Outlook) Message(lang string) *provisov1.Forecast {
	f := &o.Forecast
	peak, at := f.Peak(0.95)
	m := &provisov1.Forecast{
		Subject: o.Subject.String(), Metric: o.Metric, Unit: o.Unit, Capacity: o.Capacity, Limit: o.Limit,
		StepSeconds: int32(o.Step / time.Second), Method: f.Method,
		HistoryFrom: timestamppb.New(o.From), HistoryTo: timestamppb.New(o.To), KnownPoints: int32(o.Known), Cold: o.Cold(),
		Direction: direction(f.Trend.Direction), TrendPerDay: f.Trend.PerDay, SeasonStrength: min(max(f.Season.Strength, 0), 1),
		Peak: peak, PeakAt: timestamppb.New(at), Explanation: o.Sentences(lang),
	}
	if f.Shift != nil {
		m.LevelShiftAt = timestamppb.New(f.Shift.Time)
	}
	if !o.Reaches.IsZero() {
		m.ReachesLimitAt = timestamppb.New(o.Reaches)
	}
	if !o.MayReach.IsZero() {
		m.MayReachLimitAt = timestamppb.New(o.MayReach)
	}
	for i, p := range f.Points[:min(len(f.Points), pointsMost)] {
		m.Points = append(m.Points, &provisov1.ForecastPoint{
			At: timestamppb.New(p.Time.Add(o.Step)), P05: f.At(i, 0.05), P50: f.At(i, 0.5), P95: f.At(i, 0.95),
		})
	}
	return m
}

// direction is the contract's word.
func direction(d forecast.Direction) string {
	switch d {
	case forecast.Rising:
		return "rising"
	case forecast.Falling:
		return "falling"
	}
	return "flat"
}
