// Command consul is HashiCorp's consul as its module has it, for a machine that has no package of it: an agent for tests.
package main

import (
	"fmt"
	"os"

	"github.com/hashicorp/consul/command"
	"github.com/hashicorp/consul/command/cli"
	_ "github.com/hashicorp/consul/service_os"
	mcli "github.com/mitchellh/cli"
)

func main() {
	ui := &cli.BasicUI{BasicUi: mcli.BasicUi{Writer: os.Stdout, ErrorWriter: os.Stderr}}
	app := &mcli.CLI{
		Args:     os.Args[1:],
		Commands: command.CommandsFromRegistry(ui),
		Name:     "consul",
		HelpFunc: mcli.BasicHelpFunc("consul"),
	}
	code, err := app.Run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}
