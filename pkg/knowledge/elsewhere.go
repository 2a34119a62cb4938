package knowledge

import (
	_ "embed"
	"strings"
	"sync"
)

// elsewhereText holds words of other worlds. Its head explains its form.
//
//go:embed elsewhere.txt
var elsewhereText string

// The worlds of a word: its own is the zero value.
const (
	otherWorld = iota + 1
	otherTrade
)

// elsewhere says of words which world they are of.
var elsewhere = sync.OnceValue(func() map[string]int {
	worlds := make(map[string]int)
	world := otherWorld
	for line := range strings.Lines(elsewhereText) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "//"):
		case line == "[trades]":
			world = otherTrade
		default:
			for text := range strings.SplitSeq(line, ",") {
				list := words(text)
				// Names of several words are the business of foreign.txt.
				if len(list) == 1 && worlds[withoutPlural(list[0])] == 0 {
					worlds[withoutPlural(list[0])] = world
				}
			}
		}
	}
	return worlds
})
