// Command codec measures how long mqant takes to decode and to encode one session: codec <hex> <times a round>
package main

import (
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"time"

	basegate "github.com/liangdas/mqant/gate/base"
)

const rounds = 7

func main() {
	session, err := hex.DecodeString(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	times, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	agent, err := basegate.NewSession(nil, session)
	if err != nil {
		log.Fatal(err)
	}
	result := map[string][]float64{}
	for round := 0; round < rounds; round++ {
		result["decodeUs"] = append(result["decodeUs"], each(times, func() error {
			_, err := basegate.NewSession(nil, session)
			return err
		}))
		result["encodeUs"] = append(result["encodeUs"], each(times, func() error {
			_, err := agent.Serializable()
			return err
		}))
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

// each gives the microseconds of one of many.
func each(times int, work func() error) float64 {
	started := time.Now()
	for n := 0; n < times; n++ {
		if err := work(); err != nil {
			log.Fatal(err)
		}
	}
	return float64(time.Since(started).Nanoseconds()) / 1000 / float64(times)
}
