package outlook

import "errors"

var (
	// ErrNotThere is returned when the snapshot has no such node, guest or storage.
	ErrNotThere = errors.New("not in the snapshot")
	// ErrMetric is returned for a figure that is not measured of such a thing, for example what a machine's disks hold.
	ErrMetric = errors.New("not measured of such a thing")
	// ErrNotRead is returned when the history does not hold the thing, or nothing was measured of it.
	ErrNotRead = errors.New("no history was read")
	// ErrStale is returned when the history ends more than a day before the snapshot: what came then is not known.
	ErrStale = errors.New("the history ends too early")
)
