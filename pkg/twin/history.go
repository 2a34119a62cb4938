package twin

import (
	"maps"
	"math"
)

// rrdSteps are the step and the number of points of a timeframe.
func (c *Cluster) rrdSteps(timeframe string) (step int64, points int) {
	eight := map[string][2]int64{"hour": {60, 70}, "day": {1800, 70}, "week": {3 * 3600, 70}, "month": {12 * 3600, 70}, "year": {7 * 86400, 70}}
	nine := map[string][2]int64{"hour": {60, 60}, "day": {60, 1440}, "week": {1800, 336}, "month": {1800, 1440}, "year": {6 * 3600, 1440}, "decade": {7 * 86400, 570}}
	table := eight
	if c.major() >= 9 {
		table = nine
	}
	return table[timeframe][0], int(table[timeframe][1])
}

// A moment is one point of a series: how busy things are, and how long it lies back.
type moment struct {
	// level is 1 on average: more by day than by night, less at weekends, with noise.
	level float64
	// daysAgo is the time between the point and now.
	daysAgo float64
}

// history makes the series of a chart around the present figures, the same for the same moment: what is asked for in the hour and
// in the day agrees, as far as the noise lets it. Salt tells things apart, so that they are not busy at the same time.
func (c *Cluster) history(r *request, salt int, figures func(m moment) object) (any, error) {
	_, gaps := c.faults.variant()
	step, points := c.rrdSteps(r.text("timeframe"))
	rows := []object{}
	now := c.now().Unix()
	end := now / max(step, 1) * step
	for i := range points {
		at := end - int64(points-1-i)*step
		row := object{"time": at}
		if gap := gaps && (at/step)%7 == 3; !gap {
			row = figures(moment{level: levelAt(at, salt), daysAgo: float64(now-at) / 86400})
			row["time"] = at
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// levelAt is how busy a thing is at a moment, 1 on average.
func levelAt(at int64, salt int) float64 {
	day := float64(at%86400)/86400 + float64(salt%7)/100
	level := 1 + 0.35*math.Sin(2*math.Pi*(day-0.35))
	if weekday := (at/86400 + 4) % 7; weekday == 0 || weekday == 6 { // the first of January 1970 was a Thursday
		level *= 0.8
	}
	return level + 0.1*noise(uint64(at), uint64(salt))
}

// noise is between -1 and 1, the same for the same arguments: the mixing step of SplitMix64.
func noise(at, salt uint64) float64 {
	z := at*0x9e3779b97f4a7c15 + salt*0xd1342543de82ef95
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11)/(1<<52) - 1
}

// pressure is the percentage of time in which tasks wait for something that is used to such a share: hardly any below 70 percent.
func pressure(share float64) float64 { return 100 * max(0, min(share, 1)-0.7) / 0.3 }

func (c *Cluster) nodeHistory(r *request) (any, error) {
	n := c.nodes[r.node()]
	cpu, memory := c.use(n)
	return c.history(r, len(n.Name)+int(n.Name[len(n.Name)-1]), func(m moment) object {
		busy := min(cpu*m.level, 1)
		used := min(float64(memory)*(0.9+m.level/10), float64(n.MemoryBytes))
		row := object{
			"loadavg": cpu * m.level * float64(n.CPUs), "maxcpu": n.CPUs, "cpu": busy, "iowait": 0.01 * m.level,
			"memtotal": n.MemoryBytes, "memused": used, "swaptotal": 8 << 30, "swapused": 0,
			"roottotal": n.RootBytes, "rootused": n.RootUsedBytes, "netin": 1e6 * m.level, "netout": 8e5 * m.level,
		}
		if c.major() >= 9 {
			scarce := 0.0
			if n.MemoryBytes > 0 {
				scarce = pressure(used / float64(n.MemoryBytes))
			}
			maps.Copy(row, object{
				"memavailable": float64(n.MemoryBytes) - used, "arcsize": 0, "pressurecpusome": pressure(busy),
				"pressurememorysome": scarce, "pressurememoryfull": scarce / 2, "pressureiosome": m.level, "pressureiofull": m.level / 2,
			})
		}
		return row
	})
}

func (c *Cluster) guestHistory(r *request) (any, error) {
	g, err := c.anyGuest(r)
	if err != nil {
		return nil, err
	}
	cpus, memory, used, disk := g.cpus(), g.memory(), g.usedMemory(), g.disk()
	return c.history(r, g.id, func(m moment) object {
		row := object{"maxcpu": cpus, "maxmem": memory, "maxdisk": disk}
		if !g.running {
			return row
		}
		busy, inUse := min(g.cpuUsage*m.level, 1), min(float64(used)*(0.9+m.level/10), float64(memory))
		maps.Copy(row, object{
			"cpu": busy, "mem": inUse, "disk": 0, "netin": 1e4 * m.level, "netout": 8e3 * m.level, "diskread": 1e3 * m.level, "diskwrite": 5e3 * m.level,
		})
		if g.container() { // of a machine nobody knows what its disk holds
			row["disk"] = float64(disk) / 4
		}
		if c.major() >= 9 {
			maps.Copy(row, object{
				"memhost": inUse * 1.02, "pressurecpusome": pressure(busy), "pressurecpufull": pressure(busy) / 2,
				"pressurememorysome": 0, "pressurememoryfull": 0, "pressureiosome": m.level / 2, "pressureiofull": m.level / 4,
			})
		}
		return row
	})
}

// storageHistory grows to what is used now, by a tenth in thirty days.
func (c *Cluster) storageHistory(r *request) (any, error) {
	s, err := c.storageFor(r.text("storage"), r.node())
	if err != nil {
		return nil, err
	}
	total, used := s.figures(r.node())
	return c.history(r, len(s.name), func(m moment) object {
		return object{"total": total, "used": float64(used) * max(0, 1-m.daysAgo/300)}
	})
}
