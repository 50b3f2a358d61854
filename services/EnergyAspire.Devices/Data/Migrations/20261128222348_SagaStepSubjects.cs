using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Devices.Data.Migrations
{
    /// <inheritdoc />
    public partial class SagaStepSubjects : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "subject",
                table: "saga_steps",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_saga_steps_at",
                table: "saga_steps",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_saga_steps_subject",
                table: "saga_steps",
                column: "subject");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_saga_steps_at",
                table: "saga_steps");

            migrationBuilder.DropIndex(
                name: "ix_saga_steps_subject",
                table: "saga_steps");

            migrationBuilder.DropColumn(
                name: "subject",
                table: "saga_steps");
        }
    }
}
