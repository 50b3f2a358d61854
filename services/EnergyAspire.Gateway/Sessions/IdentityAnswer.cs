namespace EnergyAspire.Gateway.Sessions;

/// <summary>Returns Identity's response to the client, such as problem details for a wrong password.</summary>
public sealed class IdentityAnswer(HttpResponseMessage answer) : IResult
{
    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (answer)
        {
            var response = httpContext.Response;
            response.StatusCode = (int)answer.StatusCode;
            response.ContentType = answer.Content.Headers.ContentType?.ToString();
            if (answer.Headers.RetryAfter is { } wait)
                response.Headers.RetryAfter = wait.ToString();

            await answer.Content.CopyToAsync(response.Body, httpContext.RequestAborted);
        }
    }
}
