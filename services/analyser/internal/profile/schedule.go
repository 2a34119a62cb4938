package profile

import (
	"fmt"
	"strings"
)

// weekdays are the days as cron counts them.
var weekdays = map[string]int{
	"monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 0,
	"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 0,
	"lundis": 1, "mardis": 2, "mercredis": 3, "jeudis": 4, "vendredis": 5, "samedis": 6, "dimanches": 0,
}

// hearSchedule reads when a job runs: "every night at 2", "toutes les nuits à 2h30", "every 15 minutes", "every Monday at 4:30",
// "hourly". A schedule belongs to a job; there has to be one, or a program that a schedule makes one.
func (r *reading) hearSchedule(h *hearing, owners []owner, i int) int {
	k, every := i, false
	switch h.at(i) {
	case "every", "each", "chaque":
		k, every = i+1, true
	case "toutes", "tous":
		if h.at(i+1) == "les" {
			k, every = i+2, true
		}
	}
	minute, hour, day := -1, -1, "*"
	cron := ""
	switch w := h.at(k); {
	case !every && (w == "hourly" || w == "nightly" || w == "daily" || w == "weekly"):
		switch w {
		case "hourly":
			cron = "0 * * * *"
		case "nightly":
			minute, hour = 0, 2
		case "daily":
			minute, hour = 0, 0
		case "weekly":
			minute, hour, day = 0, 0, "0"
		}
		k++
	case !every:
		return 0
	case w == "night" || w == "nuit" || w == "nuits":
		minute, hour = 0, 2
		k++
	case w == "day" || w == "jour" || w == "jours" || w == "morning" || w == "matin" || w == "matins" || w == "evening" || w == "soir" || w == "soirs":
		minute, hour = 0, 0
		k++
	case w == "hour" || w == "heure" || w == "heures":
		cron = "0 * * * *"
		k++
	case w == "week" || w == "semaine" || w == "semaines":
		minute, hour, day = 0, 0, "0"
		k++
	case w == "minute" || w == "minutes":
		cron = "* * * * *"
		k++
	default:
		if d, ok := weekdays[w]; ok {
			minute, hour, day = 0, 0, fmt.Sprint(d)
			k++
			break
		}
		n, ok := h.numberAt(k)
		switch unit := h.at(k + 1); {
		case ok && n >= 1 && n <= 59 && strings.HasPrefix(unit, "min"):
			cron = fmt.Sprintf("*/%d * * * *", n)
		case ok && n >= 1 && n <= 23 && (strings.HasPrefix(unit, "hour") || strings.HasPrefix(unit, "heure") || unit == "h"):
			cron = fmt.Sprintf("0 */%d * * *", n)
		default:
			return 0
		}
		k += 2
	}
	if hour >= 0 {
		if hh, mm, n := h.clock(k); n > 0 {
			hour, minute = hh, mm
			k += n
		}
		cron = fmt.Sprintf("%d %d * * %s", minute, hour, day)
	}
	if h.near(i, 8, set("backup backups backed sauvegarde sauvegardes sauvegarder sauvegardee snapshot snapshots")) {
		return k - i // when something is backed up is no schedule of the application
	}
	from := r.about(h, i, k, stated, sureSaid, "reason.said")
	isJob := func(p *spoken) bool { return p.role.v == "job" }
	p := r.nearest(owners, i, isJob)
	if p == nil {
		p = r.nearest(owners, i, func(p *spoken) bool {
			return p.own() && p.given == "" && !p.exposure.known() && len(p.ports) == 0 && (p.noun == nil || p.noun.role == "" || p.noun.weak)
		})
	}
	if p == nil {
		return k - i
	}
	p.weak = false
	p.schedule = sourced[string]{cron, from}
	if p.role.v != "job" {
		p.role = sourced[string]{"job", r.about(h, i, k, heuristic, sureGuessed, "reason.role.schedule")}
	}
	return k - i
}

// clock reads "at 2", "at 2:30", "at 4 am", "à 2h", "à 2h30", "à 14 h".
func (h *hearing) clock(i int) (hour, minute, n int) {
	k := i
	if w := h.at(k); w != "at" && w != "a" && w != "vers" {
		return 0, 0, 0
	}
	k++
	text := h.at(k)
	if hh, mm, ok := strings.Cut(text, ":"); ok && digits(hh) && digits(mm) && len(hh) <= 2 && len(mm) == 2 {
		if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil {
			return 0, 0, 0
		}
		k++
	} else {
		v, ok := h.numberAt(k)
		if !ok {
			return 0, 0, 0
		}
		hour = int(v)
		k++
		if h.is(k, "h", "heures", "heure") {
			k++
			if digits(h.at(k)) && len(h.at(k)) == 2 {
				v, _ := h.numberAt(k)
				minute = int(v)
				k++
			}
		}
	}
	switch h.at(k) {
	case "am", "pm":
		if h.at(k) == "pm" && hour < 12 {
			hour += 12
		} else if h.at(k) == "am" && hour == 12 {
			hour = 0
		}
		k++
	}
	if hour > 23 || minute > 59 {
		return 0, 0, 0
	}
	return hour, minute, k - i
}
