package dockerfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/dockerfile"
	"proviso.dev/services/collector/internal/descriptor/fixture"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason string
		text   string
		build  dockerfile.Build
		want   string
	}{
		"Stages": {
			reason: "The base is the first real image behind the last stage; other stages only build.",
			text: `# syntax=docker/dockerfile:1
ARG GO_VERSION=1.26
FROM --platform=$BUILDPLATFORM golang:${GO_VERSION}-alpine AS build
RUN go build -o /shop .
FROM alpine:3.22 AS base
ENV LANG=C.UTF-8 PORT=8080
EXPOSE $PORT
FROM scratch AS empty
FROM base
COPY --from=build /shop /shop
ENV GREETING="good day" \
    ADDRESS=:$PORT
EXPOSE 9000-9002/udp 53/tcp
VOLUME ["/data", "/cache"]
VOLUME /logs /spool
ENTRYPOINT ["/shop", "--name", "my shop"]
CMD ["serve"]
`,
			want: `
component - - @ Dockerfile:9
image - base alpine:3.22 @ Dockerfile:5
image - build golang:1.26-alpine @ Dockerfile:3
env - LANG C.UTF-8 @ Dockerfile:6
env - PORT 8080 @ Dockerfile:6
port - 8080/tcp @ Dockerfile:7
env - GREETING "good day" @ Dockerfile:11
env - ADDRESS :8080 @ Dockerfile:11
port - 9000/udp @ Dockerfile:13
port - 9001/udp @ Dockerfile:13
port - 9002/udp @ Dockerfile:13
port - 53/tcp @ Dockerfile:13
volume - /data persistent - - @ Dockerfile:14
volume - /cache persistent - - @ Dockerfile:14
volume - /logs persistent - - @ Dockerfile:15
volume - /spool persistent - - @ Dockerfile:15
command  /shop --name 'my shop' serve @ Dockerfile:16
`,
		},
		"Target": {
			reason: "A build may want another stage than the last, and gives arguments.",
			text: `ARG VERSION=20
FROM node:${VERSION} AS dev
ENV MODE=dev
CMD npm run dev
FROM nginx
`,
			build: dockerfile.Build{Target: "dev", Args: map[string]string{"VERSION": "22"}},
			want: `
component - - @ Dockerfile:2
image - base node:22 @ Dockerfile:2
image - build nginx @ Dockerfile:5
env - MODE dev @ Dockerfile:3
command  npm run dev @ Dockerfile:4
`,
		},
		"Unset": {
			reason: "A variable without a value stays as written, one with a default does not.",
			text: `ARG REGISTRY
FROM ${REGISTRY}/base:${TAG:-7}
ENV PATH="/opt/bin:$PATH" HOME=${HOME_DIR:-/home}
EXPOSE $NOWHERE
`,
			want: `
component - - @ Dockerfile:2
image - base ${REGISTRY}/base:7 @ Dockerfile:2
env - PATH /opt/bin:$PATH @ Dockerfile:3
env - HOME /home @ Dockerfile:3
problem unsupported @ Dockerfile:4
`,
		},
		"HeredocAndEscape": {
			reason: "A heredoc is text, the escape directive is honoured, and a digest is part of the reference.",
			text: "# escape=`\nFROM alpine@sha256:6457d53fb065d6f250e1504b9bc42d5b6c65941d57532c072d929dd0628977d0\n" +
				"RUN <<EOF\nEXPOSE 1\nFROM fake\nEOF\nENV A=one `\n    B=two\nONBUILD EXPOSE 2\nHEALTHCHECK --interval=5s CMD curl -f http://localhost/ `\n   || exit 1\n",
			want: `
component - - @ Dockerfile:2
image - base alpine@sha256:6457d53fb065d6f250e1504b9bc42d5b6c65941d57532c072d929dd0628977d0 @ Dockerfile:2
env - A one @ Dockerfile:7
env - B two @ Dockerfile:7
health - container exec curl -f http://localhost/ || exit 1 @ Dockerfile:10
`,
		},
		"Inherited": {
			reason: "A later stage hides variables, a new entry point forgets arguments, NONE forgets the check.",
			text: `FROM debian AS base
ENV MODE=a
CMD ["old"]
HEALTHCHECK CMD true
FROM base
ENV MODE=b
ENTRYPOINT run it
HEALTHCHECK NONE
`,
			want: `
component - - @ Dockerfile:5
image - base debian @ Dockerfile:1
env - MODE b @ Dockerfile:6
command  run it @ Dockerfile:7
`,
		},
		"Secret": {
			reason: "A secret's value goes nowhere, the host in it does.",
			text:   "FROM debian\nENV DATABASE_URL=postgres://shop:hunter2@db/shop\nCMD psql postgres://shop:hunter2@db/shop\n",
			want: `
component - - @ Dockerfile:1
image - base debian @ Dockerfile:1
env - DATABASE_URL secret @ Dockerfile:2
mention  db @ Dockerfile:2
command  psql postgres://shop:[secret-1]@db/shop @ Dockerfile:3
`,
		},
		"Scratch": {
			reason: "scratch is no image.",
			text:   "FROM golang AS build\nFROM scratch\nCOPY --from=build /a /a\nCMD [\"/a\"]\n",
			want: `
component - - @ Dockerfile:2
image - build golang @ Dockerfile:1
command  /a @ Dockerfile:4
`,
		},
		"OneBadInstruction": {
			reason: "An instruction that is not valid costs itself only.",
			text:   "FROM debian\nWORKON /x\nEXPOSE 80\n",
			want:   "component - - @ Dockerfile:1\nimage - base debian @ Dockerfile:1\nport - 80/tcp @ Dockerfile:3\nproblem syntax @ Dockerfile:2\n",
		},
		"NoDockerfile": {
			reason: "Of a file that is something else not every line is named.",
			text:   "FROM debian\n" + strings.Repeat("WRONG\n", 100) + "EXPOSE 80\n",
			want:   "component - - @ Dockerfile:1\nimage - base debian @ Dockerfile:1\n" + wrongs(2, 9) + "problem syntax @ Dockerfile:9\n",
		},
		"WindowsEnds": {
			reason: "Lines may end in CRLF and the file begin with a byte order mark.",
			text:   "\xef\xbb\xbfFROM debian\r\nENV A=b\r\nEXPOSE 80\r\n",
			want:   "component - - @ Dockerfile:1\nimage - base debian @ Dockerfile:1\nenv - A b @ Dockerfile:2\nport - 80/tcp @ Dockerfile:3\n",
		},
		"TooManyPorts": {
			reason: "A range of thousands says nothing.",
			text:   "FROM debian\nEXPOSE 1-65535\n",
			want:   "component - - @ Dockerfile:1\nimage - base debian @ Dockerfile:1\nproblem too_many @ Dockerfile:2\n",
		},
		"Binary":   {reason: "NUL bytes make it no text.", text: "FROM a\x00b\n", want: "problem binary @ Dockerfile:0\n"},
		"LongLine": {reason: "A line of a megabyte is refused by the parser.", text: "FROM debian\nENV A=" + strings.Repeat("a", 1<<20-100) + "\n", want: "problem syntax @ Dockerfile:1\n"},
		"TooLarge": {reason: "So is a file beyond the bound.", text: "FROM debian\n" + strings.Repeat("# comment\n", 120_000), want: "problem too_large @ Dockerfile:0\n"},
		"Empty":    {reason: "A file without instructions is no Dockerfile.", text: "", want: "problem syntax @ Dockerfile:0\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := fixture.Lines(dockerfile.Read(fixture.File("Dockerfile", tc.text), "Dockerfile", tc.build))
			if diff := cmp.Diff(fixture.Tidy(tc.want), got); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// wrongs are problems of the lines first to last.
func wrongs(first, last int) string {
	var b strings.Builder
	for line := first; line <= last; line++ {
		fmt.Fprintf(&b, "problem syntax @ Dockerfile:%d\n", line)
	}
	return b.String()
}

// Doubling variables must not double the memory that they take.
func TestReadDoubling(t *testing.T) {
	text := "FROM debian\nENV a=aaaaaaaaaaaaaaaa\n" + strings.Repeat("ENV a=$a$a$a$a\n", 5000)
	got := dockerfile.Read(fixture.File("Dockerfile", text), "Dockerfile", dockerfile.Build{})
	want := "component - - @ Dockerfile:1\nenv - a $a$a$a$a @ Dockerfile:5002\nimage - base debian @ Dockerfile:1\n"
	if diff := cmp.Diff(want, fixture.Lines(got)); diff != "" {
		t.Errorf("beyond its bound a word stays as written\n-want +got:\n%s", diff)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("ARG A=1\nFROM a:${A:-2} AS b\nENV X=$A\nFROM b\nEXPOSE 80-90/udp\nHEALTHCHECK CMD [\"a\"]\nRUN <<E\nE\n", "b")
	f.Add("# escape=`\nFROM scratch\nVOLUME [\"/a\"]\nCMD a\nENTRYPOINT [\"b\"]\n", "")
	f.Fuzz(func(t *testing.T, text, target string) {
		got := dockerfile.Read(fixture.File("Dockerfile", text), "Dockerfile", dockerfile.Build{Target: target})
		if len(got.Components) > 1 {
			t.Errorf("a Dockerfile is one component at most, got %d", len(got.Components))
		}
	})
}
