package terminal

import "strings"

// Cell is one field of a table.
type Cell struct {
	Text  string
	Style Style
}

// Table is a table with one line of headings. Every row has as many cells as there are headings.
type Table struct {
	Headings []string
	Rows     [][]Cell
}

// minColumn is the width below which a column is not squeezed.
const minColumn = 8

// Draw returns the table in box characters, at most so many columns wide where words allow it. Text is cleaned.
func (t Table) Draw(columns int, paint Painter) string {
	widths := t.widths(columns)
	var b strings.Builder
	rule := func(left, middle, right string) {
		b.WriteString(left)
		for i, w := range widths {
			if i > 0 {
				b.WriteString(middle)
			}
			b.WriteString(strings.Repeat("─", w+2))
		}
		b.WriteString(right + "\n")
	}
	line := func(cells []Cell) {
		wrapped := make([][]string, len(cells))
		height := 0
		for i, c := range cells {
			wrapped[i] = Wrap(Clean(c.Text), widths[i])
			height = max(height, len(wrapped[i]))
		}
		for row := range height {
			b.WriteString("│")
			for i, c := range cells {
				text := ""
				if row < len(wrapped[i]) {
					text = wrapped[i][row]
				}
				// Colours take no columns, so they go around text that is already padded.
				b.WriteString(" " + paint.Paint(c.Style, Pad(text, widths[i])) + " │")
			}
			b.WriteString("\n")
		}
	}
	headings := make([]Cell, len(t.Headings))
	for i, h := range t.Headings {
		headings[i] = Cell{Text: h, Style: Bold}
	}
	rule("┌", "┬", "┐")
	line(headings)
	rule("├", "┼", "┤")
	for _, row := range t.Rows {
		line(row)
	}
	rule("└", "┴", "┘")
	return b.String()
}

// widths gives each column what it needs, then takes from the widest until the table fits.
func (t Table) widths(columns int) []int {
	widths := make([]int, len(t.Headings))
	for i, h := range t.Headings {
		widths[i] = Width(h)
	}
	for _, row := range t.Rows {
		for i, c := range row {
			for l := range strings.SplitSeq(Clean(c.Text), "\n") {
				widths[i] = max(widths[i], Width(l))
			}
		}
	}
	room := columns - 1
	for _, w := range widths {
		room -= w + 3
	}
	for ; room < 0; room++ {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			break
		}
		widths[widest]--
	}
	return widths
}
